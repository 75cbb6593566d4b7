-- The counts get the view that told them, so that two views of the same failures are not added up. What was counted before is
-- dropped: it was kept for two weeks at most, and nobody knows whose it was.
DROP TABLE "TlsAlertCount";

-- CreateTable
CREATE TABLE "TlsAlertCount" (
    "tenantId" INTEGER NOT NULL,
    "bucketStartMs" BIGINT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "vantage" TEXT NOT NULL,
    "alert" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    PRIMARY KEY ("tenantId", "bucketStartMs", "endpoint", "vantage", "alert")
);
