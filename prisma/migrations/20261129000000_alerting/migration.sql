-- CreateTable
CREATE TABLE "AlertRule" (
    "tenantId" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "spec" TEXT NOT NULL,
    "actor" TEXT,
    "createdMs" BIGINT NOT NULL,
    "updatedMs" BIGINT NOT NULL,

    PRIMARY KEY ("tenantId", "id")
);

-- CreateTable
CREATE TABLE "AlertState" (
    "tenantId" INTEGER NOT NULL,
    "ruleId" TEXT NOT NULL,
    "alertId" TEXT NOT NULL,
    "labels" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "updatedMs" BIGINT NOT NULL,

    PRIMARY KEY ("tenantId", "ruleId", "alertId")
);

-- CreateTable
CREATE TABLE "AlertEvent" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tenantId" INTEGER NOT NULL,
    "ruleId" TEXT NOT NULL,
    "alertId" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "transition" TEXT NOT NULL,
    "value" REAL,
    "text" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "AlertThread" (
    "tenantId" INTEGER NOT NULL,
    "receiver" TEXT NOT NULL,
    "thread" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "refs" TEXT,
    "acknowledgedBy" TEXT,
    "acknowledgedMs" BIGINT,
    "updatedMs" BIGINT NOT NULL,

    PRIMARY KEY ("tenantId", "receiver", "thread")
);

-- CreateTable
CREATE TABLE "AlertSilence" (
    "tenantId" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "matchers" TEXT NOT NULL,
    "startsMs" BIGINT NOT NULL,
    "endsMs" BIGINT NOT NULL,
    "author" TEXT,
    "reason" TEXT NOT NULL,
    "createdMs" BIGINT NOT NULL,
    "endedMs" BIGINT,

    PRIMARY KEY ("tenantId", "id")
);

-- CreateTable
CREATE TABLE "AlertReceiver" (
    "tenantId" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "settings" BLOB NOT NULL,
    "actor" TEXT,
    "updatedMs" BIGINT NOT NULL,

    PRIMARY KEY ("tenantId", "name")
);

-- CreateTable
CREATE TABLE "AlertRouting" (
    "tenantId" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "origin" TEXT NOT NULL,
    "tree" TEXT NOT NULL,
    "actor" TEXT,
    "updatedMs" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "Outbox" (
    "tenantId" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "receiver" TEXT NOT NULL,
    "thread" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "createdMs" BIGINT NOT NULL,
    "dueMs" BIGINT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "lastError" TEXT,
    "sentMs" BIGINT,

    PRIMARY KEY ("tenantId", "id")
);

-- CreateTable
CREATE TABLE "Delivery" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tenantId" INTEGER NOT NULL,
    "outboxId" TEXT NOT NULL,
    "receiver" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "ok" INTEGER NOT NULL,
    "status" INTEGER,
    "durationMs" BIGINT NOT NULL,
    "error" TEXT
);

-- CreateIndex
CREATE INDEX "AlertEvent_tenantId_atMs_idx" ON "AlertEvent"("tenantId", "atMs");

-- CreateIndex
CREATE INDEX "AlertEvent_tenantId_ruleId_alertId_atMs_idx" ON "AlertEvent"("tenantId", "ruleId", "alertId", "atMs");

-- CreateIndex
CREATE INDEX "AlertSilence_tenantId_endsMs_idx" ON "AlertSilence"("tenantId", "endsMs");

-- CreateIndex
CREATE INDEX "Outbox_state_dueMs_idx" ON "Outbox"("state", "dueMs");

-- CreateIndex
CREATE INDEX "Outbox_tenantId_createdMs_idx" ON "Outbox"("tenantId", "createdMs");

-- CreateIndex
CREATE INDEX "Delivery_tenantId_atMs_idx" ON "Delivery"("tenantId", "atMs");

-- CreateIndex
CREATE INDEX "Delivery_tenantId_outboxId_idx" ON "Delivery"("tenantId", "outboxId");
