namespace MnistLstm.Api.Tests;

/// <summary>One service with default settings for all tests that need no other.</summary>
public sealed class SharedService : IAsyncLifetime
{
    private RunningService? _service;

    public RunningService Service => _service!;

    public HttpClient Client => Service.Client;

    public async ValueTask InitializeAsync() => _service = await RunningService.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
    }
}
