using Microsoft.AspNetCore.Connections;
using MnistLstm.Api.Telemetry;

namespace MnistLstm.Api.Problems;

/// <summary>Gives every error a body: rejections by the server and by routing, and unhandled exceptions.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        Problem? problem;
        try
        {
            await next(context);
            problem = FromStatus(context);
        }
        catch (BadHttpRequestException e)
        {
            problem = FromServer(e);
        }
        catch (Exception e) when (IsClientGone(context, e))
        {
            // The client has hung up.
            return;
        }
        catch (Exception e)
        {
            Log.Defect(
                logger, Excerpt.Of(context.Request.Method), Excerpt.Of(context.Request.Path), RequestId.Of(context), e);
            problem = ProblemType.InternalError.WithDetail("The service failed on this request.");
        }

        if (problem is null)
        {
            return;
        }

        if (!context.Response.HasStarted)
        {
            await problem.WriteAsync(context);
        }
        else if (problem.Status == StatusCodes.Status500InternalServerError)
        {
            // The client must not mistake the part that was sent for the whole answer.
            ServiceMetrics.Refused(problem.Slug);
            context.Abort();
        }
    }

    /// <summary>The web server reports some broken connections just before it cancels the request.</summary>
    private static bool IsClientGone(HttpContext context, Exception e) =>
        context.RequestAborted.IsCancellationRequested
        || e is ConnectionResetException or ConnectionAbortedException
        || e.InnerException is ConnectionResetException or ConnectionAbortedException;

    /// <summary>Describes the empty 404 and 405 answers of routing.</summary>
    private static Problem? FromStatus(HttpContext context)
    {
        HttpResponse response = context.Response;
        if (response.StatusCode < 400 || response.HasStarted || response.ContentLength is not null
            || response.ContentType is not null)
        {
            return null;
        }

        HttpRequest request = context.Request;
        return response.StatusCode switch
        {
            StatusCodes.Status404NotFound =>
                ProblemType.NotFound.WithDetail($"There is nothing at {Excerpt.Of(request.Path)}."),
            StatusCodes.Status405MethodNotAllowed => MethodNotAllowed(request, response),
            _ => null,
        };
    }

    private static Problem MethodNotAllowed(HttpRequest request, HttpResponse response)
    {
        // Routing does not know that the service answers HEAD wherever it answers GET.
        string allowed = response.Headers.Allow.ToString()
            .Replace(HttpMethods.Get, $"{HttpMethods.Get}, {HttpMethods.Head}", StringComparison.Ordinal);
        response.Headers.Allow = allowed;
        return ProblemType.MethodNotAllowed.WithDetail(
            $"{Excerpt.Of(request.Path)} takes {allowed}, not {Excerpt.Of(request.Method)}.");
    }

    /// <summary>Describes a request that the web server rejected while reading it.</summary>
    private static Problem FromServer(BadHttpRequestException e) => e.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => ProblemType.UploadTimeout.WithDetail("The body arrived too slowly."),
        StatusCodes.Status413PayloadTooLarge =>
            ProblemType.BodyTooLarge.WithDetail("The body is larger than this address allows."),
        StatusCodes.Status431RequestHeaderFieldsTooLarge =>
            ProblemType.HeadersTooLarge.WithDetail("The headers are larger than the server allows."),
        _ => ProblemType.BadRequest.WithDetail($"{Excerpt.Of(e.Message.TrimEnd('.'))}."),
    };
}
