#define _GNU_SOURCE
#include <string.h>

#include "initialise.h"

#include <CGMime.h>

char *cgmime_to_utf8(const char *charset, const uint8_t *bytes, size_t length, size_t *converted_length)
{
    cgmime_initialise();
    gsize written = 0;
    char *converted = g_convert(
        (const char *) bytes, (gssize) length, "UTF-8", g_mime_charset_iconv_name(charset), NULL, &written, NULL);
    *converted_length = written;
    return converted;
}

uint8_t *cgmime_from_utf8(const char *charset, const char *text, size_t length, size_t *converted_length)
{
    cgmime_initialise();
    gsize written = 0;
    char *converted = g_convert(
        text, (gssize) length, g_mime_charset_iconv_name(charset), "UTF-8", NULL, &written, NULL);
    *converted_length = written;
    return (uint8_t *) converted;
}

ptrdiff_t cgmime_find_bytes(
    const uint8_t *bytes, size_t length, size_t start, const uint8_t *text, size_t text_length)
{
    if (bytes == NULL || start >= length)
        return -1;
    const uint8_t *found = memmem(bytes + start, length - start, text, text_length);
    return found == NULL ? -1 : found - bytes;
}

char *cgmime_hostname_to_ascii(const char *hostname)
{
    return g_hostname_to_ascii(hostname);
}

char *cgmime_hostname_to_unicode(const char *hostname)
{
    return g_hostname_to_unicode(hostname);
}
