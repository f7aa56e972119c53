#include "CLibPQ.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

const int CLIBPQ_DIAG_SEVERITY = PG_DIAG_SEVERITY_NONLOCALIZED;
const int CLIBPQ_DIAG_SQLSTATE = PG_DIAG_SQLSTATE;
const int CLIBPQ_DIAG_MESSAGE_PRIMARY = PG_DIAG_MESSAGE_PRIMARY;
const int CLIBPQ_DIAG_STATEMENT_POSITION = PG_DIAG_STATEMENT_POSITION;
const int CLIBPQ_DIAG_TABLE_NAME = PG_DIAG_TABLE_NAME;
const int CLIBPQ_DIAG_COLUMN_NAME = PG_DIAG_COLUMN_NAME;
const int CLIBPQ_DIAG_CONSTRAINT_NAME = PG_DIAG_CONSTRAINT_NAME;

int clibpq_pipeline_sync(PGconn *connection) {
#ifdef LIBPQ_HAS_SEND_PIPELINE_SYNC
    return PQsendPipelineSync(connection);
#else
    return PQpipelineSync(connection);
#endif
}

void clibpq_hold_output(int socket, int hold) {
#if defined(TCP_CORK) && !defined(LIBPQ_HAS_SEND_PIPELINE_SYNC)
    setsockopt(socket, IPPROTO_TCP, TCP_CORK, &hold, sizeof hold);
#else
    (void)socket;
    (void)hold;
#endif
}
