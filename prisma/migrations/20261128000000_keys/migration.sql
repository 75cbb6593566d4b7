-- CreateTable
CREATE TABLE "KeyUse" (
    "tenantId" INTEGER NOT NULL,
    "bucketStartMs" BIGINT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "keyName" TEXT NOT NULL,
    "use" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    PRIMARY KEY ("tenantId", "bucketStartMs", "endpoint", "node", "keyName", "use")
);

-- CreateTable
CREATE TABLE "KeySighting" (
    "tenantId" INTEGER NOT NULL,
    "endpoint" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "keyName" TEXT NOT NULL,
    "use" TEXT NOT NULL,
    "firstMs" BIGINT NOT NULL,
    "lastMs" BIGINT NOT NULL,
    "count" BIGINT NOT NULL,
    "source" TEXT NOT NULL,
    "lifetimeHintS" BIGINT,

    PRIMARY KEY ("tenantId", "endpoint", "node", "keyName", "use")
);

-- CreateTable
CREATE TABLE "KeyEvent" (
    "tenantId" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "endpoint" TEXT,
    "node" TEXT,
    "keyGroup" TEXT,
    "keyName" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "actor" TEXT,
    "reason" TEXT,
    "via" TEXT NOT NULL,
    "recordedMs" BIGINT NOT NULL,

    PRIMARY KEY ("tenantId", "id")
);

-- CreateTable
CREATE TABLE "ProbeTarget" (
    "tenantId" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "paused" INTEGER NOT NULL,
    "spec" TEXT NOT NULL,
    "createdMs" BIGINT NOT NULL,
    "updatedMs" BIGINT NOT NULL,

    PRIMARY KEY ("tenantId", "id")
);

-- CreateTable
CREATE TABLE "ProbeResult" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tenantId" INTEGER NOT NULL,
    "targetId" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "ok" INTEGER NOT NULL,
    "result" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "ProbeAgreement" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tenantId" INTEGER NOT NULL,
    "targetId" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "fromNode" TEXT NOT NULL,
    "toNode" TEXT NOT NULL,
    "mechanism" TEXT NOT NULL,
    "accepted" INTEGER,
    "reason" TEXT,
    "atMs" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "PolicyThreshold" (
    "tenantId" INTEGER NOT NULL,
    "rule" TEXT NOT NULL,
    "threshold" TEXT NOT NULL,
    "actor" TEXT,
    "updatedMs" BIGINT NOT NULL,

    PRIMARY KEY ("tenantId", "rule")
);

-- CreateTable
CREATE TABLE "PolicyException" (
    "tenantId" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "rule" TEXT NOT NULL,
    "endpoint" TEXT,
    "reason" TEXT NOT NULL,
    "actor" TEXT,
    "createdMs" BIGINT NOT NULL,
    "expiresMs" BIGINT NOT NULL,
    "endedMs" BIGINT,

    PRIMARY KEY ("tenantId", "id")
);

-- CreateTable
CREATE TABLE "PolicyIntent" (
    "tenantId" INTEGER NOT NULL,
    "endpoint" TEXT NOT NULL,
    "intent" TEXT NOT NULL,
    "actor" TEXT,
    "updatedMs" BIGINT NOT NULL,

    PRIMARY KEY ("tenantId", "endpoint")
);

-- CreateTable
CREATE TABLE "Finding" (
    "tenantId" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "endpoint" TEXT,
    "node" TEXT,
    "firstMs" BIGINT NOT NULL,
    "lastMs" BIGINT NOT NULL,
    "count" BIGINT NOT NULL,
    "title" TEXT NOT NULL,
    "evidence" TEXT NOT NULL,
    "updatedMs" BIGINT NOT NULL,
    "acknowledgedBy" TEXT,
    "acknowledgedMs" BIGINT,

    PRIMARY KEY ("tenantId", "id")
);

-- CreateIndex
CREATE INDEX "KeySighting_tenantId_lastMs_idx" ON "KeySighting"("tenantId", "lastMs");

-- CreateIndex
CREATE INDEX "KeyEvent_tenantId_atMs_idx" ON "KeyEvent"("tenantId", "atMs");

-- CreateIndex
CREATE INDEX "ProbeResult_tenantId_targetId_node_atMs_idx" ON "ProbeResult"("tenantId", "targetId", "node", "atMs");

-- CreateIndex
CREATE INDEX "ProbeResult_tenantId_atMs_idx" ON "ProbeResult"("tenantId", "atMs");

-- CreateIndex
CREATE INDEX "ProbeAgreement_tenantId_endpoint_atMs_idx" ON "ProbeAgreement"("tenantId", "endpoint", "atMs");

-- CreateIndex
CREATE INDEX "PolicyException_tenantId_rule_idx" ON "PolicyException"("tenantId", "rule");

-- CreateIndex
CREATE INDEX "Finding_tenantId_lastMs_idx" ON "Finding"("tenantId", "lastMs");

-- CreateIndex
CREATE INDEX "Finding_tenantId_state_lastMs_idx" ON "Finding"("tenantId", "state", "lastMs");
