-- CreateTable
CREATE TABLE "AuditEntry" (
    "tenantId" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "atMs" BIGINT NOT NULL,
    "actor" TEXT,
    "address" TEXT,
    "action" TEXT NOT NULL,
    "targetKind" TEXT NOT NULL,
    "targetId" TEXT NOT NULL,
    "before" TEXT,
    "after" TEXT,
    "prevHash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    PRIMARY KEY ("tenantId", "id")
);

-- CreateIndex
CREATE INDEX "AuditEntry_tenantId_atMs_idx" ON "AuditEntry"("tenantId", "atMs");

-- The log only grows: whatever mistake a program makes, it does not rewrite what is in it.
CREATE TRIGGER "AuditEntry_no_update" BEFORE UPDATE ON "AuditEntry"
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

-- A tenant's entries go with the tenant, while it is being erased.
CREATE TRIGGER "AuditEntry_no_delete" BEFORE DELETE ON "AuditEntry"
WHEN NOT EXISTS (SELECT 1 FROM "Meta" WHERE "name" = 'erasing tenant ' || OLD."tenantId")
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

-- One after another: INSERT OR REPLACE would pass the other two by.
CREATE TRIGGER "AuditEntry_in_order" BEFORE INSERT ON "AuditEntry"
WHEN NEW."id" <> coalesce((SELECT max("id") FROM "AuditEntry" WHERE "tenantId" = NEW."tenantId"), 0) + 1
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
