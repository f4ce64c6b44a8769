using Microsoft.AspNetCore.Builder;
using MnistLstm.Api;

namespace MnistLstm.Clients.Tests;

/// <summary>The service itself on free ports of the loopback, with the committed models.</summary>
public sealed class RunningService : IAsyncLifetime
{
    private WebApplication? _app;

    public string Address => _app!.Urls.First();

    public string GrpcAddress => _app!.Urls.Last();

    public async ValueTask InitializeAsync()
    {
        _app = Program.Build(
        [
            "--urls", "http://127.0.0.1:0", "--grpc-port", "0", "--cors-origins", "*",
                "--Logging:LogLevel:Default", "Warning",
        ]);
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
    }
}
