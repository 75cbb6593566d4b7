-- CreateTable
CREATE TABLE "CellBlock" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tenantId" INTEGER NOT NULL,
    "fromMs" BIGINT NOT NULL,
    "toMs" BIGINT NOT NULL,
    "stage" INTEGER NOT NULL,
    "part" INTEGER NOT NULL,
    "cells" BLOB NOT NULL
);

-- CreateIndex
CREATE INDEX "CellBlock_tenantId_toMs_idx" ON "CellBlock"("tenantId", "toMs");

-- CreateIndex
CREATE INDEX "CellBlock_stage_tenantId_fromMs_part_idx" ON "CellBlock"("stage", "tenantId", "fromMs", "part");
