namespace MnistLstm.Api.Health;

/// <summary>Whether the service accepts work: from its start until it is asked to stop.</summary>
/// <remarks>
/// Models are loaded, warmed up and tried on the golden sample before the server listens, so a service that
/// answers at all has done that.
/// </remarks>
public sealed class Readiness
{
    private volatile bool _draining;

    public Readiness(IHostApplicationLifetime lifetime) =>
        lifetime.ApplicationStopping.Register(() => _draining = true);

    public bool IsReady => !_draining;
}
