-- CreateTable
CREATE TABLE "Meta" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "value" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "Tenant" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "Endpoint" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tenantId" INTEGER NOT NULL,
    "name" TEXT
);

-- CreateTable
CREATE TABLE "Segment" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tenantId" INTEGER NOT NULL,
    "endpointId" INTEGER NOT NULL,
    "node" TEXT,
    "region" TEXT,
    "family" TEXT,
    "protocol" TEXT,
    "excluded" INTEGER NOT NULL
);

-- CreateTable
CREATE TABLE "Result" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "outcome" TEXT NOT NULL,
    "offer" TEXT,
    "mechanism" TEXT,
    "reason" TEXT,
    "earlyData" TEXT,
    "earlyDataReason" TEXT
);

-- CreateTable
CREATE TABLE "Rollup" (
    "tier" INTEGER NOT NULL,
    "tenantId" INTEGER NOT NULL,
    "endpointId" INTEGER NOT NULL,
    "bucketStartMs" BIGINT NOT NULL,
    "segmentId" INTEGER NOT NULL,
    "resultId" INTEGER NOT NULL,
    "count" BIGINT NOT NULL,
    "handshakeUs" BLOB,
    "ttfbUs" BLOB,
    "ticketAgeS" BLOB,

    PRIMARY KEY ("tier", "tenantId", "endpointId", "bucketStartMs", "segmentId", "resultId")
) WITHOUT ROWID;

-- CreateTable
CREATE TABLE "Sample" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tenantId" INTEGER NOT NULL,
    "atMs" BIGINT NOT NULL,
    "sampleKind" TEXT NOT NULL,
    "endpoint" TEXT,
    "handshake" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "Change" (
    "tenantId" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "endMs" BIGINT,
    "endpoint" TEXT,
    "node" TEXT,
    "region" TEXT,
    "title" TEXT NOT NULL,
    "detail" TEXT,
    "ref" TEXT,
    "actor" TEXT,
    "recordedMs" BIGINT NOT NULL,
    "via" TEXT NOT NULL,

    PRIMARY KEY ("tenantId", "id")
);

-- CreateTable
CREATE TABLE "CacheSample" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tenantId" INTEGER NOT NULL,
    "atMs" BIGINT NOT NULL,
    "endpoint" TEXT,
    "node" TEXT,
    "cache" TEXT,
    "hits" BIGINT,
    "misses" BIGINT,
    "inserts" BIGINT,
    "evictions" BIGINT,
    "entries" BIGINT,
    "capacity" BIGINT,
    "timeoutS" BIGINT
);

-- CreateTable
CREATE TABLE "Source" (
    "tenantId" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "transport" TEXT NOT NULL,
    "sender" TEXT NOT NULL,
    "firstSeenMs" BIGINT NOT NULL,
    "lastSeenMs" BIGINT NOT NULL,
    "lastEventMs" BIGINT,
    "accepted" BIGINT NOT NULL,
    "rejected" BIGINT NOT NULL,
    "duplicate" BIGINT NOT NULL,
    "overflowed" BIGINT NOT NULL,

    PRIMARY KEY ("tenantId", "source", "transport", "sender")
);

-- CreateTable
CREATE TABLE "SourceRejection" (
    "tenantId" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "transport" TEXT NOT NULL,
    "sender" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "count" BIGINT NOT NULL,
    "lastMs" BIGINT NOT NULL,
    "sample" TEXT,

    PRIMARY KEY ("tenantId", "source", "transport", "sender", "reason")
);

-- CreateTable
CREATE TABLE "Batch" (
    "tenantId" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "reply" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,

    PRIMARY KEY ("tenantId", "key")
);

-- CreateIndex
CREATE UNIQUE INDEX "Tenant_name_key" ON "Tenant"("name");

-- CreateIndex
CREATE INDEX "Endpoint_tenantId_idx" ON "Endpoint"("tenantId");

-- CreateIndex
CREATE INDEX "Segment_tenantId_endpointId_idx" ON "Segment"("tenantId", "endpointId");

-- CreateIndex
CREATE INDEX "Sample_tenantId_atMs_idx" ON "Sample"("tenantId", "atMs");

-- CreateIndex
CREATE INDEX "Sample_tenantId_sampleKind_atMs_idx" ON "Sample"("tenantId", "sampleKind", "atMs");

-- CreateIndex
CREATE INDEX "Change_tenantId_atMs_idx" ON "Change"("tenantId", "atMs");

-- CreateIndex
CREATE INDEX "CacheSample_tenantId_atMs_idx" ON "CacheSample"("tenantId", "atMs");

-- CreateIndex
CREATE INDEX "Batch_atMs_idx" ON "Batch"("atMs");

-- The tenant that a single-tenant installation uses.
INSERT INTO "Tenant" ("id", "name") VALUES (1, 'default');
