using Grpc.Core;
using Grpc.Health.V1;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using static Grpc.Health.V1.HealthCheckResponse.Types;
using Standard = Grpc.Health.V1.Health;

namespace MnistLstm.Api.Health;

/// <summary>The standard health service of gRPC (grpc.health.v1).</summary>
internal sealed class GrpcHealth(Readiness readiness, IHostApplicationLifetime lifetime, ServiceOptions options)
    : Standard.HealthBase
{
    /// <summary>The server as a whole, and its one service.</summary>
    private static readonly string[] Services = ["", "inference.GRPCInferenceService"];

    private int _watchers;

    private ServingStatus Status => readiness.IsReady ? ServingStatus.Serving : ServingStatus.NotServing;

    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        Services.Contains(request.Service)
            ? Task.FromResult(new HealthCheckResponse { Status = Status })
            : throw new RpcException(new Status(StatusCode.NotFound, "There is no such service."));

    /// <summary>Ends when the service stops, so that a watcher does not delay the shutdown.</summary>
    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        try
        {
            if (Interlocked.Increment(ref _watchers) > options.MaxConcurrentRequests)
            {
                throw ProblemType.Overloaded.WithDetail(
                    $"The limit of watchers is {options.MaxConcurrentRequests}.").ToException();
            }

            await WatchAsync(Services.Contains(request.Service), responseStream, context);
        }
        finally
        {
            Interlocked.Decrement(ref _watchers);
        }
    }

    private async Task WatchAsync(
        bool isKnown, IServerStreamWriter<HealthCheckResponse> responses, ServerCallContext context)
    {
        await responses.WriteAsync(new HealthCheckResponse
        {
            Status = isKnown ? Status : ServingStatus.ServiceUnknown,
        });
        using var end =
            CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        await Task.Delay(Timeout.Infinite, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (isKnown && !context.CancellationToken.IsCancellationRequested)
        {
            await responses.WriteAsync(new HealthCheckResponse { Status = ServingStatus.NotServing });
        }
    }
}
