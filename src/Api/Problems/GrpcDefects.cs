using Grpc.Core;
using Grpc.Core.Interceptors;
using MnistLstm.Api.Telemetry;

namespace MnistLstm.Api.Problems;

/// <summary>
/// Ends a gRPC call whose handler failed as a request over HTTP ends: logged, counted, and with a status that blames
/// the service.
/// </summary>
public sealed class GrpcDefects(ILogger<GrpcDefects> logger) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception e) when (e is not RpcException && !context.CancellationToken.IsCancellationRequested)
        {
            Log.Defect(logger, "gRPC", context.Method, RequestId.Of(context.GetHttpContext()), e);
            throw ProblemType.InternalError.WithDetail("The service failed on this call.").ToException();
        }
    }
}
