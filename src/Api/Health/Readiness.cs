namespace MnistLstm.Api.Health;

/// <summary>Whether the service accepts work: from its start until a shutdown is requested.</summary>
/// <remarks>
/// The models are loaded, warmed up and checked with the golden sample before the server listens, so a server that
/// answers is ready.
/// </remarks>
public sealed class Readiness(IHostApplicationLifetime lifetime)
{
    public bool IsReady => !lifetime.ApplicationStopping.IsCancellationRequested;
}
