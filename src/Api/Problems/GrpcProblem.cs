using Grpc.Core;
using MnistLstm.Api.Telemetry;

namespace MnistLstm.Api.Problems;

/// <summary>A problem as the status of a gRPC call.</summary>
internal static class GrpcProblem
{
    private const string ContentType = "application/grpc";

    public static bool IsCall(HttpRequest request) =>
        request.ContentType?.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) is true
        && HttpProtocol.IsHttp2(request.Protocol);

    /// <summary>Ends a call in its handler.</summary>
    public static RpcException ToException(this Problem problem)
    {
        ServiceMetrics.Refused(problem.Word);
        return new RpcException(new Status(CodeOf(problem), problem.Detail));
    }

    /// <summary>Ends a call before its handler begins: all of the answer is in the headers.</summary>
    public static Task WriteAsync(HttpResponse response, Problem problem)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = ContentType;
        response.Headers["grpc-status"] = $"{(int)CodeOf(problem)}";
        response.Headers["grpc-message"] = Uri.EscapeDataString(problem.Detail);
        return Task.CompletedTask;
    }

    private static StatusCode CodeOf(Problem problem) => problem.Status switch
    {
        StatusCodes.Status401Unauthorized => StatusCode.Unauthenticated,
        StatusCodes.Status404NotFound => StatusCode.NotFound,
        StatusCodes.Status405MethodNotAllowed or StatusCodes.Status415UnsupportedMediaType => StatusCode.Unimplemented,
        StatusCodes.Status408RequestTimeout => StatusCode.DeadlineExceeded,
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status429TooManyRequests
            or StatusCodes.Status431RequestHeaderFieldsTooLarge => StatusCode.ResourceExhausted,
        StatusCodes.Status500InternalServerError => StatusCode.Internal,
        StatusCodes.Status503ServiceUnavailable => problem.Word == ProblemType.DeadlinePassed.Word
            ? StatusCode.DeadlineExceeded
            : StatusCode.Unavailable,
        _ => StatusCode.InvalidArgument,
    };
}
