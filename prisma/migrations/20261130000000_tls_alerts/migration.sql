-- CreateTable
CREATE TABLE "TlsAlertCount" (
    "tenantId" INTEGER NOT NULL,
    "bucketStartMs" BIGINT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "alert" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    PRIMARY KEY ("tenantId", "bucketStartMs", "endpoint", "alert")
);
