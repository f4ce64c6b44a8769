namespace MnistLstm.Api.Operations;

/// <summary>Where the service listens.</summary>
public static class ServerAddress
{
    /// <summary>Where nothing else is said: for this machine only.</summary>
    public const string Default = "http://localhost:8080";

    /// <summary>Whether ASP.NET Core's own settings say where to listen.</summary>
    public static bool IsConfigured(IConfiguration configuration) =>
        configuration["urls"] is { Length: > 0 }
        || configuration["http_ports"] is { Length: > 0 }
        || configuration["https_ports"] is { Length: > 0 }
        || Endpoints(configuration).Any();

    /// <summary>The address by which this machine reaches the service.</summary>
    public static Uri Find(IConfiguration configuration)
    {
        string address =
            Endpoints(configuration).Select(endpoint => endpoint["Url"]).FirstOrDefault(url => url is not null)
            ?? First(configuration["urls"])
            ?? (First(configuration["http_ports"]) is { } http ? $"http://localhost:{http}" : null)
            ?? (First(configuration["https_ports"]) is { } https ? $"https://localhost:{https}" : null)
            ?? Default;

        // "http://+:80", "http://*:80" and "http://0.0.0.0:80" mean every address, and this machine is one.
        return new Uri(address.Replace("://+", "://localhost").Replace("://*", "://localhost")
            .Replace("://0.0.0.0", "://127.0.0.1").Replace("://[::]", "://[::1]"));
    }

    /// <summary>Of the web server's own settings; they win over the others.</summary>
    private static IEnumerable<IConfigurationSection> Endpoints(IConfiguration configuration) =>
        configuration.GetSection("Kestrel:Endpoints").GetChildren();

    private static string? First(string? list) =>
        list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();
}
