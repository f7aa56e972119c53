#ifndef CGMIME_INITIALISE_H
#define CGMIME_INITIALISE_H

#include <gmime/gmime.h>

/// Initialises GMime once in the life of the process. Called at the start of every function that uses it.
void cgmime_initialise(void);

/// How lenient GMime's header parsers are here. The caller frees the options.
GMimeParserOptions *cgmime_parser_options(void);

#endif
