-- CreateTable
CREATE TABLE "SourceToken" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "tenantId" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "scopes" TEXT NOT NULL,
    "endpoints" TEXT,
    "nodes" TEXT,
    "secretHash" TEXT NOT NULL,
    "createdMs" BIGINT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "expiresMs" BIGINT,
    "lastUsedMs" BIGINT,
    "revokedMs" BIGINT,
    "revokedBy" TEXT,
    "successorId" TEXT
);

-- CreateIndex
CREATE INDEX "SourceToken_tenantId_idx" ON "SourceToken"("tenantId");
