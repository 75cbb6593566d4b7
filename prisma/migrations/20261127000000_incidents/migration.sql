-- CreateTable
CREATE TABLE "Incident" (
    "tenantId" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "class" TEXT NOT NULL,
    "family" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "openedMs" BIGINT NOT NULL,
    "onsetMs" BIGINT NOT NULL,
    "updatedMs" BIGINT NOT NULL,
    "resolvedMs" BIGINT,
    "reopened" INTEGER NOT NULL,
    "scope" TEXT NOT NULL,
    "departure" TEXT NOT NULL,
    "diagnoses" TEXT NOT NULL,
    "suspects" TEXT NOT NULL,
    "acknowledgedBy" TEXT,
    "acknowledgedMs" BIGINT,
    "assignee" TEXT,

    PRIMARY KEY ("tenantId", "id")
);

-- CreateTable
CREATE TABLE "IncidentUpdate" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "tenantId" INTEGER NOT NULL,
    "incidentId" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "actor" TEXT,
    "text" TEXT NOT NULL
);

-- CreateIndex
CREATE INDEX "Incident_tenantId_openedMs_idx" ON "Incident"("tenantId", "openedMs");

-- CreateIndex
CREATE INDEX "Incident_tenantId_state_openedMs_idx" ON "Incident"("tenantId", "state", "openedMs");

-- CreateIndex
CREATE INDEX "IncidentUpdate_tenantId_incidentId_idx" ON "IncidentUpdate"("tenantId", "incidentId");
