-- CreateTable
CREATE TABLE "CellBlock" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tenantId" INTEGER NOT NULL,
    "fromMs" BIGINT NOT NULL,
    "toMs" BIGINT NOT NULL,
    "summed" INTEGER NOT NULL,
    "cells" BLOB NOT NULL
);

-- CreateIndex
CREATE INDEX "CellBlock_tenantId_toMs_idx" ON "CellBlock"("tenantId", "toMs");

-- CreateIndex
CREATE INDEX "CellBlock_summed_tenantId_idx" ON "CellBlock"("summed", "tenantId");
