using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using MnistLstm.Api.Models;
using MnistLstm.Api.Uploads;

namespace MnistLstm.Api.Tests;

/// <summary>The service itself on a free port of the loopback, with the committed models.</summary>
public sealed class RunningService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningService(WebApplication app)
    {
        _app = app;
        Address = new Uri(
            app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public BodyBudget Bodies => Services.GetRequiredService<BodyBudget>();

    public ModelCatalog Models => Services.GetRequiredService<ModelCatalog>();

    /// <param name="args">Command line beside the address.</param>
    public static Task<RunningService> StartAsync(params string[] args) => StartAsync(_ => { }, args);

    /// <param name="change">Adds to the service before it starts.</param>
    /// <param name="args">Command line beside the address.</param>
    public static async Task<RunningService> StartAsync(Action<WebApplication> change, params string[] args)
    {
        WebApplication app =
            Program.Build(["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Warning", .. args]);
        change(app);
        await app.StartAsync();
        return new RunningService(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
