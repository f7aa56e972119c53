#include "initialise.h"

#include <CGMime.h>
#include <pthread.h>
#include <stdlib.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void initialise(void)
{
    g_mime_init();
}

void cgmime_initialise(void)
{
    pthread_once(&once, initialise);
}

GMimeParserOptions *cgmime_parser_options(void)
{
    // GMime keeps the array, not a copy of it, so it has to outlive the options.
    static const char *fallback_charsets[] = {"utf-8", "iso-8859-1", NULL};

    GMimeParserOptions *options = g_mime_parser_options_new();
    g_mime_parser_options_set_allow_addresses_without_domain(options, TRUE);
    g_mime_parser_options_set_fallback_charsets(options, fallback_charsets);
    return options;
}

void cgmime_release(void *allocation)
{
    g_free(allocation);
}
