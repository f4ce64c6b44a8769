using System.Globalization;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using MnistLstm.Api.Batching;
using MnistLstm.Api.OpenInference;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Uploads;

namespace MnistLstm.Api.Hosting;

/// <summary>The gRPC library, and the limits of every call: its time and the bytes of its messages.</summary>
internal static class GrpcLimits
{
    private const string TimeoutHeader = "grpc-timeout";

    /// <summary>The header allows eight digits.</summary>
    private const double MaxTimeoutUnits = 99_999_999;

    /// <summary>Limit of a message without images: it holds a few names.</summary>
    private const int MaxSmallMessageBytes = 4096;

    /// <summary>The answer to a request over HTTP for the address of a call, which the library leaves empty.</summary>
    private static Problem NotOverGrpc => new(
        ProblemType.UnsupportedMediaType,
        "This is the address of a gRPC call. Call it over HTTP/2 at the gRPC port, with a gRPC client.");

    public static void AddGrpc(this WebApplicationBuilder builder, ServiceOptions options)
    {
        if (options.GrpcPort is null)
        {
            return;
        }

        // Logs defects only: the status tells clients what is wrong with a call.
        builder.Logging.AddFilter("Grpc", LogLevel.Error);
        builder.Services.AddGrpc(static grpc =>
        {
            // GrpcBody limits the messages.
            (grpc.MaxReceiveMessageSize, grpc.MaxSendMessageSize) = (null, null);

            // The route for unknown services would answer 404 to a POST to any address of two segments.
            grpc.IgnoreUnknownServices = true;
            grpc.Interceptors.Add<GrpcDefects>();
        });
        builder.Services.AddGrpcReflection();
    }

    public static void UseGrpcLimits(this WebApplication app)
    {
        ServiceOptions options = app.Services.GetRequiredService<ServiceOptions>();
        if (options.GrpcPort is null)
        {
            return;
        }

        BodyBudget budget = app.Services.GetRequiredService<BodyBudget>();
        app.Use(async (context, next) =>
        {
            GrpcMethodMetadata? method = context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>();
            if (!GrpcProblem.IsCall(context.Request))
            {
                await (method is null ? next(context) : NotOverGrpc.WriteAsync(context));
                return;
            }

            // The library decompresses a whole message without a size limit.
            if (context.Request.Headers["grpc-encoding"].ToString() is not ("" or "identity") and var encoding)
            {
                context.Response.Headers["grpc-accept-encoding"] = "identity";
                await new Problem(
                    ProblemType.UnsupportedMediaType,
                    $"A message with the encoding '{Excerpt.Of(encoding)}' is not supported. Send it uncompressed.")
                    .WriteAsync(context);
                return;
            }

            // A watch on the health service has no time limit, but its message has.
            bool isWatch = context.Request.Path.Value!.EndsWith("/Watch", StringComparison.Ordinal);
            using CancellationTokenSource? messageTimeout = isWatch ? new(options.RequestTimeout) : null;
            long deadline = isWatch
                ? long.MaxValue
                : Deadline.After(LimitTime(context.Request.Headers, options.RequestTimeout));

            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = null;
            }

            // Other messages are small and not charged: anyone may send some of them and then wait for long.
            MethodType? type = method?.Method.Type;
            bool hasImages = method?.Method.Name == nameof(GrpcInference.ModelInfer);
            using var body = new GrpcBody(
                context.Request.BodyReader, hasImages ? budget : null,
                hasImages ? options.MaxBatchUploadBytes : MaxSmallMessageBytes,
                isSingle: type is MethodType.Unary or MethodType.ServerStreaming, messageTimeout?.Token ?? default)
            {
                Deadline = deadline,
            };
            context.Features.Set<IRequestBodyPipeFeature>(body);
            context.Features.Set(body);
            await next(context);
        });
    }

    /// <summary>
    /// Sets the call's time limit to the service's if it is longer, absent, or so short that the library ignores it.
    /// </summary>
    /// <returns>The call's time limit.</returns>
    private static TimeSpan LimitTime(IHeaderDictionary headers, TimeSpan longest)
    {
        double nanoseconds =
            headers[TimeoutHeader].ToString() is [.. { Length: <= 8 } digits, var unit]
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int units)
                ? units * NanosecondsOf(unit)
                : 0;
        if (nanoseconds >= TimeSpan.NanosecondsPerTick && nanoseconds < longest.TotalNanoseconds)
        {
            return TimeSpan.FromTicks((long)(nanoseconds / TimeSpan.NanosecondsPerTick));
        }

        double milliseconds = Math.Min(Math.Ceiling(longest.TotalMilliseconds), MaxTimeoutUnits);
        headers[TimeoutHeader] = string.Create(CultureInfo.InvariantCulture, $"{milliseconds:F0}m");
        return longest;
    }

    private static double NanosecondsOf(char unit) => unit switch
    {
        'H' => 3600e9,
        'M' => 60e9,
        'S' => 1e9,
        'm' => 1e6,
        'u' => 1e3,
        'n' => 1,
        _ => 0,
    };
}
