// libpq as Swift sees it: the library's own header, and names for what Swift does not import.

#ifndef CLIBPQ_H
#define CLIBPQ_H

#include <libpq-fe.h>

// Fields of an error for PQresultErrorField. libpq defines them as character constants in macros,
// which Swift cannot import.
extern const int CLIBPQ_DIAG_SEVERITY;
extern const int CLIBPQ_DIAG_SQLSTATE;
extern const int CLIBPQ_DIAG_MESSAGE_PRIMARY;
extern const int CLIBPQ_DIAG_STATEMENT_POSITION;
extern const int CLIBPQ_DIAG_TABLE_NAME;
extern const int CLIBPQ_DIAG_COLUMN_NAME;
extern const int CLIBPQ_DIAG_CONSTRAINT_NAME;

/// Ends a pipelined statement with a synchronisation point. With libpq 17 and later nothing is written to the
/// socket yet, so that several statements share one system call; PQflush must follow in either case.
/// Returns 1, or 0 if the connection is lost.
int clibpq_pipeline_sync(PGconn *connection);

/// Holds back what is written to a TCP socket (1), or lets it go (0), so that several statements reach the server as one
/// piece although PQpipelineSync writes each of them. Does nothing for other sockets, and where the system has no TCP_CORK.
void clibpq_hold_output(int socket, int hold);

#endif
