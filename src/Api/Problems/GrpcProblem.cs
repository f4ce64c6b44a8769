using Grpc.Core;
using MnistLstm.Api.Telemetry;

namespace MnistLstm.Api.Problems;

/// <summary>Maps problems to gRPC status codes.</summary>
internal static class GrpcProblem
{
    private const string ContentType = "application/grpc";

    public static bool IsCall(HttpRequest request) =>
        request.ContentType?.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) is true
        && HttpProtocol.IsHttp2(request.Protocol);

    /// <summary>The exception that ends a call in its handler.</summary>
    public static RpcException ToException(this Problem problem)
    {
        ServiceMetrics.Refused(problem.Slug);
        return new RpcException(new Status(CodeOf(problem), problem.Detail));
    }

    /// <summary>Ends a call before its handler runs: the whole answer is in the headers.</summary>
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
        StatusCodes.Status404NotFound => problem.Slug == ProblemType.NotFound.Slug
            ? StatusCode.Unimplemented
            : StatusCode.NotFound,
        StatusCodes.Status405MethodNotAllowed or StatusCodes.Status415UnsupportedMediaType => StatusCode.Unimplemented,
        StatusCodes.Status408RequestTimeout => StatusCode.DeadlineExceeded,
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status429TooManyRequests
            or StatusCodes.Status431RequestHeaderFieldsTooLarge => StatusCode.ResourceExhausted,
        StatusCodes.Status500InternalServerError => StatusCode.Internal,
        StatusCodes.Status503ServiceUnavailable => problem.Slug == ProblemType.DeadlinePassed.Slug
            ? StatusCode.DeadlineExceeded
            : StatusCode.Unavailable,
        _ => problem.IsLimit ? StatusCode.ResourceExhausted : StatusCode.InvalidArgument,
    };
}
