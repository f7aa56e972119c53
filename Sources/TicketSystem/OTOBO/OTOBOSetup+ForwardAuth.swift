extension OTOBOSetup {
    /// The lines of Perl for `Kernel/Config.pm` that have the desk believe a proxy who its customer is (docs/forward-auth.md).
    ///
    /// - Parameter number: a number that no other module of customers' sign-in has, 1 to 10; the password module has none.
    public static func forwardAuth(number: Int) -> String {
        """
        # Customers whom the proxy names are signed in; the password module stays the first.
        $Self->{'Customer::AuthModule\(number)'} = 'Kernel::System::CustomerAuth::HTTPBasicAuth';
        # OTOBO after 11.0.6 believes the proxy only if it shows this secret. Earlier releases, and Znuny, believe everybody.
        $Self->{'Customer::AuthModule::HTTPBasicAuth::TrustProxyHeader\(number)'} = 1;
        $Self->{'WebServer::ProxySecret'} = 'CHANGE THIS';
        """
    }
}
