/// The recordings that the stand-in desk is measured against, by operation.
enum RecordedNames {
    static let all = table.flatMap { operation, names in
        names.split { $0 == " " || $0 == "\n" }.map { "\(operation).\($0)" }
    }.sorted()

    private static let table = [
        "SessionCreate": """
        ok_agent ok_agent_ro ok_agent_noperm ok_customer wrong_password unknown_user customer_wrong_password
        customer_without_password missing_password missing_login empty_object no_body bad_json json_array
        json_string no_content_type form_urlencoded json_as_form_ctype query_credentials wrong_method_get
        wrong_method_put query_and_body leading_space_json ctype_charset_missing number_password
        """,
        "SessionGet": """
        invalid
        """,
        "TicketGet": """
        ok_min ok_userlogin_query ok_extended ok_dynamicfields ok_allarticles ok_articles_customer_only
        ok_everything state_new state_new_extended state_pending_reminder state_pending_reminder_extended
        state_pending_auto state_pending_auto_extended state_closed state_closed_extended
        state_closed_unsuccessful state_closed_unsuccessful_extended state_merged_stateset
        state_merged_stateset_extended state_removed state_removed_extended state_merged_real state_merge_main
        state_merge_main_extended list_path list_path_pct list_one_unknown list_one_forbidden list_nonnumeric
        list_dup list_trailing_comma list_order unknown nonnumeric ticketnumber_as_id zero negative no_permission
        no_permission_list customer_own customer_other ro_agent no_auth wrong_password login_without_password
        invalid_session wrong_method_post wrong_method_delete wrong_method_options get_with_body trailing_slash
        double_slash semicolon_query extended_0 header_auth repeated_param_in_path_route deleted list_one_deleted
        """,
        "TicketGetList": """
        list_comma list_repeated missing_ticketid ticketnumber_only
        """,
        "TicketSearch": """
        by_number by_number_list by_number_comma by_number_wildcard by_number_pct_wildcard by_number_unknown
        by_number_empty by_title_utf8 all limit statetype_closed statetype_Closed statetype_Open statetype_multi
        statetype_unknown states changed_newer lastchanged_newer_future close_newer bad_date dynamicfield
        dynamicfield_plain customeruserlogin unknown_param bad_sortby customer no_permission no_auth
        wrong_password invalid_session count by_id by_id_closed deleted sweep_like sweep_like_none
        removed_default
        """,
        "TicketCreate": """
        ok ok_dynamicfields_attachment ok_customer_session ok_pending missing_ticket missing_article
        missing_title missing_subject unknown_queue unknown_state unknown_customer missing_customer
        bad_dynamicfield no_permission no_auth wrong_password bad_json latin1 invalid_utf8
        """,
        "TicketUpdate": """
        ok_title ok_article ok_dynamicfield ok_article_dynfield ok_close ok_reopen pending_without_time nothing
        empty_ticket unknown_state unknown_dynamicfield unknown_ticket nonnumeric_ticket list no_permission
        no_auth wrong_method_put bad_json ticketnumber_in_body ro_state ro_note
        """,
        "TicketHistoryGet": """
        ok list merged unknown no_permission customer no_auth invalid_session
        """,
        "Service": """
        disabled unknown no_service no_route no_path name_case accept_xml accept_gzip
        """,
    ]
}
