using System.Runtime.InteropServices;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;

namespace MnistLstm.Api.Health;

/// <summary>
/// A graceful shutdown. After SIGTERM, the service reports that it is not ready but keeps answering for a grace period,
/// in which load balancers notice. Then it accepts no new connections, answers the requests in progress, and exits.
/// </summary>
/// <remarks>
/// Ctrl+C comes from a person at a keyboard, so there is no grace period. A second signal ends the grace period.
/// </remarks>
internal sealed class Shutdown(ServiceOptions options, ILogger<Shutdown> logger)
    : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _graceOver = new();
    private PosixSignalRegistration[] _signals = [];
    private int _terminations;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Terminate()),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => _graceOver.Cancel()),
        ];
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// The server still answers during the grace period; the signal has already turned readiness off.
    /// </summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        TimeSpan grace = _terminations > 0 ? options.ShutdownGrace : TimeSpan.Zero;
        if (grace > TimeSpan.Zero && !_graceOver.IsCancellationRequested)
        {
            Log.DrainingStarted(logger, grace.TotalSeconds);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _graceOver.Token);
            await Task.Delay(grace, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Log.Stopping(logger);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        Log.Stopped(logger);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }

        _graceOver.Dispose();
    }

    private void Terminate()
    {
        if (Interlocked.Increment(ref _terminations) > 1)
        {
            _graceOver.Cancel();
        }
    }
}
