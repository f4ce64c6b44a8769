using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MnistLstm.Trainer.Tests.Training;

/// <summary>An HTTP server on the loopback that has some files.</summary>
internal sealed class Mirror : IDisposable
{
    private readonly WebApplication _server;

    /// <param name="files">The files by name; any other file is not found.</param>
    public Mirror(Dictionary<string, byte[]> files)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.MapGet("/{name}", (string name) =>
        {
            Requests.Add(name);
            return files.TryGetValue(name, out byte[]? file) ? Results.Bytes(file) : Results.NotFound();
        });
        _server.Start();
        Address = new Uri($"{_server.Urls.Single()}/");
    }

    public Uri Address { get; }

    /// <summary>The names that were asked for, in order.</summary>
    public List<string> Requests { get; } = [];

    public void Dispose() => _server.DisposeAsync().AsTask().Wait();
}
