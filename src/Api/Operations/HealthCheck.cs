namespace MnistLstm.Api.Operations;

/// <summary>
/// A second way to run the program: it asks the service on the same machine whether it is ready. For containers
/// that have no shell to ask with.
/// </summary>
public static class HealthCheck
{
    public const string Switch = "--healthcheck";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <param name="args">The service's own command line, with the switch.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddEnvironmentVariables()
            .AddEnvironmentVariables("DOTNET_")
            .AddEnvironmentVariables("ASPNETCORE_")
            .AddCommandLine([.. args.Where(arg => arg != Switch)])
            .Build();
        Uri address = new(ServerAddress.Find(configuration), HealthApi.ReadyPath);
        using var handler = new SocketsHttpHandler { UseProxy = false };

#pragma warning disable CA5359 // The certificate names the public host, and this asks the loopback.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        using var client = new HttpClient(handler) { Timeout = Patience };
        try
        {
            using HttpResponseMessage response = await client.GetAsync(address);
            Console.WriteLine($"{address}: {await response.Content.ReadAsStringAsync()}");
            return response.IsSuccessStatusCode ? ExitCodes.Success : ExitCodes.Unhealthy;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            Console.WriteLine($"{address} does not answer: {e.Message}");
            return ExitCodes.Unhealthy;
        }
    }
}
