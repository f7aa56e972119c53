#ifndef CLIBCURL_H
#define CLIBCURL_H

/*
 * libcurl sets and reads its options through variadic functions, which Swift does not import.
 * Here is one function for each type of value.
 */

#include <curl/curl.h>

CURLcode clibcurl_set_long(CURL *handle, CURLoption option, long value);
CURLcode clibcurl_set_size(CURL *handle, CURLoption option, curl_off_t value);
CURLcode clibcurl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode clibcurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
CURLcode clibcurl_set_pointer(CURL *handle, CURLoption option, void *value);

typedef size_t (*clibcurl_data_function)(char *bytes, size_t size, size_t count, void *context);

/* For CURLOPT_WRITEFUNCTION, CURLOPT_HEADERFUNCTION and CURLOPT_READFUNCTION. */
CURLcode clibcurl_set_data_function(CURL *handle, CURLoption option, clibcurl_data_function function);
CURLcode clibcurl_set_seek_function(CURL *handle, curl_seek_callback function);
CURLcode clibcurl_set_debug_function(CURL *handle, curl_debug_callback function);
CURLcode clibcurl_set_progress_function(CURL *handle, curl_xferinfo_callback function);

CURLcode clibcurl_get_long(CURL *handle, CURLINFO info, long *value);
CURLcode clibcurl_get_size(CURL *handle, CURLINFO info, curl_off_t *value);

CURLMcode clibcurl_multi_set_long(CURLM *handle, CURLMoption option, long value);

#endif
