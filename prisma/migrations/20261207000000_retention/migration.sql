-- CreateTable
CREATE TABLE "TenantRetention" (
    "tenantId" INTEGER NOT NULL PRIMARY KEY,
    "historyMs" BIGINT,
    "samplesMs" BIGINT
);
