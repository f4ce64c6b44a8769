using Microsoft.AspNetCore.Builder;
using MnistLstm.Api;

namespace MnistLstm.Deploy.Tests;

/// <summary>The service itself on a free port of the loopback, with the committed models.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningService(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public IEnumerable<string> Addresses => _app.Urls;

    public static async Task<RunningService> StartAsync(params string[] args)
    {
        WebApplication app =
            Program.Build(["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Warning", .. args]);
        await app.StartAsync();
        return new RunningService(app);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
