using System.Globalization;
using System.Net;

namespace MnistLstm.Api.Settings;

/// <summary>One address that the service listens on.</summary>
public sealed class ServerAddress
{
    /// <summary>The default address, for this machine only.</summary>
    public const string Default = "http://localhost:8080";

    private const string Form = "Write it like http://localhost:8080, https://*:8443 or http://unix:/run/digits.sock.";

    private static readonly Setting Urls =
        Create(
            "urls", Default, "addresses with semicolons between", "where to listen; * is every address of the machine");

    private static readonly Setting HttpPorts =
        Create(
            "http_ports",
            "none",
            "ports with semicolons between",
            "ports to listen on at every address, unless --urls is set");

    private static readonly Setting HttpsPorts =
        Create("https_ports", "none", "ports with semicolons between", "the same for HTTPS");

    private readonly string _text;
    private readonly BindingAddress _binding;

    private ServerAddress(string text, BindingAddress binding) => (_text, _binding) = (text, binding);

    public bool IsHttps => _binding.Scheme.Equals(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase);

    /// <summary>Path of the Unix socket; null for other addresses.</summary>
    public string? UnixSocket => _binding.IsUnixPipe ? _binding.UnixPipePath : null;

    /// <summary>
    /// The address by which this machine reaches the service: the loopback address if it listens on all addresses, or
    /// localhost for a host name.
    /// </summary>
    public Uri Local => new(
        $"{_binding.Scheme}://{(UnixSocket is null ? LocalHost(_binding.Host) : "localhost")}"
        + (UnixSocket is null ? string.Create(CultureInfo.InvariantCulture, $":{_binding.Port}") : ""));

    /// <summary>The address that a person types: localhost if the service listens on every address.</summary>
    public Uri Page => IPAddress.TryParse(_binding.Host, out IPAddress? address)
        && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            ? new UriBuilder(Local) { Host = "localhost" }.Uri
            : Local;

    /// <summary>
    /// Finds and checks the addresses. Kestrel's endpoints take precedence over urls, and urls over ports.
    /// </summary>
    /// <param name="settings">The settings that contain them.</param>
    /// <param name="hasEndpoints">Whether a Kestrel section names them, so that the web server reads them
    /// itself.</param>
    /// <exception cref="InvalidSettingException">The service cannot listen on one of them.</exception>
    public static IReadOnlyList<ServerAddress> Read(SettingReader settings, out bool hasEndpoints)
    {
        SettingValue? urls = settings.Find(Urls);
        SettingValue? httpPorts = settings.Find(HttpPorts);
        SettingValue? httpsPorts = settings.Find(HttpsPorts);

        IConfigurationSection[] endpoints = [.. settings.Sections.GetSection("Kestrel:Endpoints").GetChildren()];
        hasEndpoints = endpoints.Length > 0;
        ServerAddress[] addresses =
            hasEndpoints ? [.. endpoints.Select(ParseEndpoint)]
            : urls is { } found ? [.. Split(found).Select(Parse)]
            : [.. Ports(httpPorts, Uri.UriSchemeHttp), .. Ports(httpsPorts, Uri.UriSchemeHttps)];
        return addresses.Length > 0 ? addresses : [Parse(Default)];
    }

    /// <summary>Parses an address that the web server has accepted.</summary>
    public static ServerAddress Parse(string text) => new(text, BindingAddress.Parse(text));

    /// <summary>The same host and scheme with another port.</summary>
    public ServerAddress WithPort(int port) => Parse(UnixSocket is null
        ? string.Create(CultureInfo.InvariantCulture, $"{_binding.Scheme}://{_binding.Host}:{port}")
        : string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}"));

    /// <summary>The address as written; the framework would print the path of a Unix socket in lower case.</summary>
    public override string ToString() => _text;

    private static Setting Create(string name, string @default, string range, string meaning) =>
        new(name, @default, range, meaning) { Prefix = Setting.ServerPrefix };

    private static ServerAddress ParseEndpoint(IConfigurationSection endpoint)
    {
        string name = $"The setting {endpoint.Path}:Url";
        return endpoint["Url"] is { Length: > 0 } url
            ? Parse(new SettingValue(url, name))
            : throw new InvalidSettingException($"{name} is not set. {Form}");
    }

    private static ServerAddress Parse(SettingValue value)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(value.Text);
        }
        catch (FormatException)
        {
            throw Invalid(value, Form);
        }

        if (!Uri.UriSchemeHttp.Equals(address.Scheme, StringComparison.OrdinalIgnoreCase)
            && !Uri.UriSchemeHttps.Equals(address.Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw Invalid(value, Form);
        }

        // If the port is not a number, the framework treats it as part of the host name and listens on all addresses.
        bool isHost = address.IsUnixPipe || !address.Host.Contains(':') || IPAddress.TryParse(address.Host, out _);
        if (!isHost || address.Port is < 0 or > IPEndPoint.MaxPort)
        {
            throw Invalid(value, $"A port is a number from 0 to {IPEndPoint.MaxPort}. {Form}");
        }

        return address.PathBase.Length == 0
            ? new ServerAddress(value.Text, address)
            : throw Invalid(value, "Leave out the path; a proxy may add one, see --trusted-proxies.");
    }

    private static IEnumerable<ServerAddress> Ports(SettingValue? ports, string scheme) =>
        ports is not { } found ? [] : Split(found).Select(port =>
        ushort.TryParse(port.Text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)
            ? Parse(port with { Text = string.Create(CultureInfo.InvariantCulture, $"{scheme}://*:{number}") })
            : throw new InvalidSettingException(
                $"{port.Source} takes ports from 0 to {IPEndPoint.MaxPort} with semicolons between, not "
                    + $"'{port.Text}'."));

    private static IEnumerable<SettingValue> Split(SettingValue list) =>
        list.Text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(text => list with { Text = text });

    private static string LocalHost(string host) =>
        !IPAddress.TryParse(host, out IPAddress? address) ? "localhost"
        : address.Equals(IPAddress.Any) ? "127.0.0.1"
        : address.Equals(IPAddress.IPv6Any) ? "[::1]"
        : host;

    private static InvalidSettingException Invalid(SettingValue value, string advice) =>
        new($"{value.Source} is '{value.Text}', which is not an address to listen on. {advice}");
}
