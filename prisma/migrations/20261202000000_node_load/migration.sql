-- CreateTable
CREATE TABLE "NodeLoad" (
    "tenantId" INTEGER NOT NULL,
    "node" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "cores" REAL NOT NULL,
    "busyCores" REAL NOT NULL,

    PRIMARY KEY ("tenantId", "node")
);
