namespace MnistLstm.Api.Health;

/// <summary>Whether the service accepts work: from its start until a shutdown is requested.</summary>
/// <remarks>
/// The models are loaded, warmed up and checked with the golden sample before the server listens, so a server that
/// answers is ready.
/// </remarks>
public sealed class Readiness
{
    private volatile bool _draining;

    public Readiness(IHostApplicationLifetime lifetime) =>
        lifetime.ApplicationStopping.Register(() => _draining = true);

    public bool IsReady => !_draining;
}
