#include "initialise.h"

#include <CGMime.h>

struct cgmime_content_type {
    GMimeContentType *parsed;
};

cgmime_content_type *cgmime_content_type_parse(const char *value)
{
    cgmime_initialise();
    GMimeParserOptions *options = cgmime_parser_options();
    cgmime_content_type *type = g_new0(cgmime_content_type, 1);
    type->parsed = g_mime_content_type_parse(options, value);
    g_mime_parser_options_free(options);
    return type;
}

void cgmime_content_type_release(cgmime_content_type *type)
{
    g_object_unref(type->parsed);
    g_free(type);
}

const char *cgmime_content_type_media_type(const cgmime_content_type *type)
{
    return g_mime_content_type_get_media_type(type->parsed);
}

const char *cgmime_content_type_media_subtype(const cgmime_content_type *type)
{
    return g_mime_content_type_get_media_subtype(type->parsed);
}

const char *cgmime_content_type_parameter(const cgmime_content_type *type, const char *name)
{
    return g_mime_content_type_get_parameter(type->parsed, name);
}

char *cgmime_content_type_with_charset(const char *value, const char *charset)
{
    cgmime_content_type *type = cgmime_content_type_parse(value);
    g_mime_content_type_set_parameter(type->parsed, "charset", charset);

    char *media_type = g_mime_content_type_get_mime_type(type->parsed);
    GString *changed = g_string_new(media_type);
    g_mime_param_list_encode(g_mime_content_type_get_parameters(type->parsed), NULL, FALSE, changed);

    g_free(media_type);
    cgmime_content_type_release(type);
    return g_string_free(changed, FALSE);
}

uint8_t *cgmime_decode_body(
    cgmime_transfer_encoding encoding, const uint8_t *bytes, size_t length, size_t *decoded_length)
{
    cgmime_initialise();
    GMimeContentEncoding known = GMIME_CONTENT_ENCODING_DEFAULT;
    switch (encoding) {
    case CGMIME_BASE64:
        known = GMIME_CONTENT_ENCODING_BASE64;
        break;
    case CGMIME_QUOTED_PRINTABLE:
        known = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
        break;
    }
    GMimeEncoding state;
    g_mime_encoding_init_decode(&state, known);
    char *decoded = g_malloc(g_mime_encoding_outlen(&state, length) + 1);
    *decoded_length = g_mime_encoding_flush(&state, (const char *) bytes, length, decoded);
    return (uint8_t *) decoded;
}
