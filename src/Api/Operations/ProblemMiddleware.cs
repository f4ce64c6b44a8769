namespace MnistLstm.Api.Operations;

/// <summary>Gives every error a body: refusals by the server, by routing, and what nobody foresaw.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
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
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested || e is IOException or OperationCanceledException)
        {
            // The client has hung up: there is nobody to answer.
            return;
        }
        catch (Exception e)
        {
            LogDefect(context.Request.Method, context.Request.Path, e);
            problem = ProblemType.InternalError.With("This is a defect of the service, and its log has the details. Please report it.");
        }

        if (problem is not null && !context.Response.HasStarted)
        {
            await problem.WriteAsync(context);
        }
    }

    /// <summary>What routing answers without a body.</summary>
    private static Problem? FromStatus(HttpContext context)
    {
        HttpResponse response = context.Response;
        if (response.StatusCode < 400 || response.HasStarted || response.ContentLength is not null || response.ContentType is not null)
        {
            return null;
        }

        HttpRequest request = context.Request;
        return response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ProblemType.NotFound.With(
                $"There is nothing at {request.Path}. Post pictures to /predict; /swagger lists every address."),
            StatusCodes.Status405MethodNotAllowed => ProblemType.MethodNotAllowed.With(
                $"{request.Path} does not take {request.Method}. Use {response.Headers.Allow}."),
            _ => null,
        };
    }

    /// <summary>What the web server refuses while a request is being read.</summary>
    private static Problem FromServer(BadHttpRequestException e) => e.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => ProblemType.UploadTimeout.With(
            "The body came too slowly. Send it again over a faster connection."),
        StatusCodes.Status413PayloadTooLarge => ProblemType.BodyTooLarge.With(
            "The body is larger than this address takes. Send a smaller one."),
        StatusCodes.Status431RequestHeaderFieldsTooLarge => ProblemType.HeadersTooLarge.With(
            "The headers are larger than the server takes. Send fewer or shorter ones."),
        _ => ProblemType.BadRequest.With($"{e.Message.TrimEnd('.')}. Send the request again, complete."),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed because of a defect")]
    private partial void LogDefect(string method, PathString path, Exception error);
}
