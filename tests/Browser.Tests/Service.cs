using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace MnistLstm.Browser.Tests;

/// <summary>The service itself on the loopback, with the committed models.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Service(WebApplication app)
    {
        _app = app;
        Address = new Uri(
            app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public Uri Address { get; }

    /// <param name="port">0 for any that is free.</param>
    /// <param name="args">Command line beside the address.</param>
    public static async Task<Service> StartAsync(int port = 0, params string[] args)
    {
        WebApplication app =
            Api.Program.Build(["--urls", $"http://127.0.0.1:{port}", "--Logging:LogLevel:Default", "Warning", .. args]);
        await app.StartAsync();
        return new Service(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
