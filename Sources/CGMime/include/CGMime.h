#ifndef CGMIME_H
#define CGMIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What otalink needs of GMime and GLib, without their macros and reference counts: every function here
// is synchronous, may be called from any thread, initialises GMime on first use, and returns either a
// plain value or one allocation that the caller gives back to the release function named beside it.
// Strings are UTF-8 unless said otherwise and end with a NUL.

// MARK: Allocations

/// Releases the strings and byte buffers that the functions below return. NULL is allowed.
void cgmime_release(void *allocation);

// MARK: Address lists (RFC 5322, section 3.4)

/// The mailboxes of an address list, groups flattened, in the order in which they stand.
typedef struct cgmime_address_list cgmime_address_list;

/// Parses the value of an address field. Never NULL; a value without addresses gives an empty list.
cgmime_address_list *cgmime_address_list_parse(const char *value);

/// Releases the list and every string borrowed from it.
void cgmime_address_list_release(cgmime_address_list *list);

size_t cgmime_address_list_count(const cgmime_address_list *list);

/// True if a group (`name: a, b;`) stands in the list, with or without members.
bool cgmime_address_list_has_group(const cgmime_address_list *list);

/// The decoded display name, or NULL. Borrowed from the list.
const char *cgmime_address_list_name(const cgmime_address_list *list, size_t index);

/// The address as it was written, white space and comments taken out. Borrowed from the list.
const char *cgmime_address_list_address(const cgmime_address_list *list, size_t index);

// MARK: Content-Type and Content-Disposition (RFC 2045, 2183, 2231)

typedef struct cgmime_content_type cgmime_content_type;

/// Parses the value of a Content-Type field. Never NULL; what cannot be read becomes text/plain or
/// application/octet-stream as GMime decides.
cgmime_content_type *cgmime_content_type_parse(const char *value);
void cgmime_content_type_release(cgmime_content_type *type);

/// The type and the subtype as written. Borrowed.
const char *cgmime_content_type_media_type(const cgmime_content_type *type);
const char *cgmime_content_type_media_subtype(const cgmime_content_type *type);

/// The decoded value of a parameter (RFC 2231 and, as mailers write them, RFC 2047), or NULL. Borrowed.
const char *cgmime_content_type_parameter(const cgmime_content_type *type, const char *name);

/// The value of a Content-Type field with another character set, every other parameter kept, on one line.
/// Released with cgmime_release.
char *cgmime_content_type_with_charset(const char *value, const char *charset);

// MARK: Transfer encodings (RFC 2045, section 6)

typedef enum {
    CGMIME_BASE64,
    CGMIME_QUOTED_PRINTABLE,
} cgmime_transfer_encoding;

/// Decodes `length` bytes. The result holds `*decoded_length` bytes; released with cgmime_release.
uint8_t *cgmime_decode_body(
    cgmime_transfer_encoding encoding, const uint8_t *bytes, size_t length, size_t *decoded_length);

// MARK: Character sets

/// Converts from a named character set to UTF-8. NULL if the set is unknown or the bytes are not valid in
/// it. Released with cgmime_release.
char *cgmime_to_utf8(const char *charset, const uint8_t *bytes, size_t length, size_t *converted_length);

/// Converts UTF-8 to a named character set. NULL if the set is unknown or lacks one of the characters.
/// Released with cgmime_release.
uint8_t *cgmime_from_utf8(const char *charset, const char *text, size_t length, size_t *converted_length);

// MARK: Bytes

/// Where `text` stands next in the bytes, from `start` on; -1 if nowhere. At the speed of memory, which a loop in a debug build is not.
ptrdiff_t cgmime_find_bytes(
    const uint8_t *bytes, size_t length, size_t start, const uint8_t *text, size_t text_length);

// MARK: Host names (RFC 3490)

/// The A-label form of a host name, or NULL if it has none. Released with cgmime_release.
char *cgmime_hostname_to_ascii(const char *hostname);

/// The U-label form of a host name, or NULL. Released with cgmime_release.
char *cgmime_hostname_to_unicode(const char *hostname);

#endif
