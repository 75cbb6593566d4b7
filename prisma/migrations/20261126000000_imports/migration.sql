-- CreateTable
CREATE TABLE "Import" (
    "tenantId" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "head" TEXT NOT NULL,
    "lines" BIGINT NOT NULL,
    "digest" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,

    PRIMARY KEY ("tenantId", "id")
);

-- CreateIndex
CREATE INDEX "Import_tenantId_source_head_idx" ON "Import"("tenantId", "source", "head");
