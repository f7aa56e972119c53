#include "initialise.h"

#include <CGMime.h>

struct cgmime_address_list {
    InternetAddressList *parsed;  // owns the mailboxes
    GPtrArray *mailboxes;         // borrowed from `parsed`
    bool has_group;
};

/// GMime nests groups without bound; RFC 5322 knows none within a group.
static const int deepest_group = 4;

static void collect(cgmime_address_list *list, InternetAddressList *addresses, int depth)
{
    int count = internet_address_list_length(addresses);
    for (int index = 0; index < count; index++) {
        InternetAddress *address = internet_address_list_get_address(addresses, index);
        if (INTERNET_ADDRESS_IS_GROUP(address)) {
            list->has_group = true;
            InternetAddressList *members = internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address));
            if (members != NULL && depth < deepest_group)
                collect(list, members, depth + 1);
        } else if (INTERNET_ADDRESS_IS_MAILBOX(address)) {
            g_ptr_array_add(list->mailboxes, address);
        }
    }
}

cgmime_address_list *cgmime_address_list_parse(const char *value)
{
    cgmime_initialise();
    GMimeParserOptions *options = cgmime_parser_options();

    cgmime_address_list *list = g_new0(cgmime_address_list, 1);
    list->mailboxes = g_ptr_array_new();
    list->parsed = internet_address_list_parse(options, value);
    if (list->parsed != NULL)
        collect(list, list->parsed, 0);

    g_mime_parser_options_free(options);
    return list;
}

void cgmime_address_list_release(cgmime_address_list *list)
{
    g_ptr_array_free(list->mailboxes, TRUE);
    if (list->parsed != NULL)
        g_object_unref(list->parsed);
    g_free(list);
}

size_t cgmime_address_list_count(const cgmime_address_list *list)
{
    return list->mailboxes->len;
}

bool cgmime_address_list_has_group(const cgmime_address_list *list)
{
    return list->has_group;
}

const char *cgmime_address_list_name(const cgmime_address_list *list, size_t index)
{
    if (index >= list->mailboxes->len)
        return NULL;
    return internet_address_get_name(INTERNET_ADDRESS(g_ptr_array_index(list->mailboxes, index)));
}

const char *cgmime_address_list_address(const cgmime_address_list *list, size_t index)
{
    if (index >= list->mailboxes->len)
        return NULL;
    return internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(g_ptr_array_index(list->mailboxes, index)));
}
