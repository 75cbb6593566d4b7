-- Who told of a segment, and how; `excluded` becomes the class of its marginal.
ALTER TABLE "Segment" RENAME COLUMN "excluded" TO "class";
ALTER TABLE "Segment" ADD COLUMN "source" TEXT;
ALTER TABLE "Segment" ADD COLUMN "system" TEXT;
ALTER TABLE "Segment" ADD COLUMN "vantage" TEXT NOT NULL DEFAULT 'log';

-- A completed handshake of which it is not known how has no outcome.
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_Result" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "outcome" TEXT,
    "offer" TEXT,
    "mechanism" TEXT,
    "reason" TEXT,
    "earlyData" TEXT,
    "earlyDataReason" TEXT
);
INSERT INTO "new_Result" ("id", "outcome", "offer", "mechanism", "reason", "earlyData", "earlyDataReason")
    SELECT "id", "outcome", "offer", "mechanism", "reason", "earlyData", "earlyDataReason" FROM "Result";
DROP TABLE "Result";
ALTER TABLE "new_Result" RENAME TO "Result";
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- CreateTable
CREATE TABLE "SourceBreach" (
    "tenantId" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "transport" TEXT NOT NULL,
    "sender" TEXT NOT NULL,
    "invariant" TEXT NOT NULL,
    "count" BIGINT NOT NULL,
    "firstMs" BIGINT NOT NULL,
    "lastMs" BIGINT NOT NULL,
    "detail" TEXT NOT NULL,

    PRIMARY KEY ("tenantId", "source", "transport", "sender", "invariant")
);

-- CreateTable
CREATE TABLE "CounterState" (
    "tenantId" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "sender" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "startedMs" BIGINT,
    "totals" TEXT NOT NULL,

    PRIMARY KEY ("tenantId", "source", "sender", "scope")
);

-- CreateTable
CREATE TABLE "Coverage" (
    "tenantId" INTEGER NOT NULL,
    "node" TEXT NOT NULL,
    "system" TEXT NOT NULL,
    "vantage" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "spans" TEXT NOT NULL,
    "outcomes" INTEGER NOT NULL,

    PRIMARY KEY ("tenantId", "node", "system", "vantage", "source")
);

-- CreateTable
CREATE TABLE "TruthChoice" (
    "tenantId" INTEGER NOT NULL,
    "node" TEXT NOT NULL,
    "system" TEXT NOT NULL,
    "vantage" TEXT NOT NULL,

    PRIMARY KEY ("tenantId", "node", "system")
);

-- What "Connect a source" shows of a sender.
ALTER TABLE "Source" ADD COLUMN "lastHandshake" TEXT;

-- CreateTable
CREATE TABLE "SourceMinute" (
    "tenantId" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "transport" TEXT NOT NULL,
    "sender" TEXT NOT NULL,
    "minuteMs" BIGINT NOT NULL,
    "accepted" BIGINT NOT NULL,
    "rejected" BIGINT NOT NULL,
    "lagMs" BIGINT,

    PRIMARY KEY ("tenantId", "source", "transport", "sender", "minuteMs")
);

-- CreateIndex
CREATE INDEX "SourceMinute_minuteMs_idx" ON "SourceMinute"("minuteMs");
