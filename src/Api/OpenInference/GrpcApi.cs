using System.Globalization;
using System.IO.Pipelines;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using MnistLstm.Api.Health;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Uploads;

namespace MnistLstm.Api.OpenInference;

/// <summary>The Open Inference Protocol over gRPC, with the standard services for health and reflection.</summary>
public static class GrpcApi
{
    private const string TimeoutHeader = "grpc-timeout";

    /// <summary>The header takes eight digits.</summary>
    private const double MaxTimeoutUnits = 99_999_999;

    public static void AddGrpcInference(this WebApplicationBuilder builder, ServiceOptions options)
    {
        if (options.GrpcPort is null)
        {
            return;
        }

        // The client is told what is wrong with its call; only a defect is logged.
        builder.Logging.AddFilter("Grpc", LogLevel.Error);
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = options.MaxBatchUploadBytes;
            grpc.MaxSendMessageSize = null;
        });
        builder.Services.AddGrpcReflection();
        builder.Services.AddSingleton<GrpcInference>();
        builder.Services.AddSingleton<GrpcHealth>();
    }

    /// <summary>Puts the limits of the service on every call: its time, and the bytes of its messages.</summary>
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
            if (!GrpcProblem.IsCall(context.Request))
            {
                await next(context);
                return;
            }

            // The library decompresses a message whole, whatever its size is then.
            if (context.Request.Headers["grpc-encoding"].ToString() is not ("" or "identity") and var encoding)
            {
                context.Response.Headers["grpc-accept-encoding"] = "identity";
                await new Problem(
                    ProblemType.UnsupportedMediaType,
                    $"A message with the encoding '{Excerpt.Of(encoding)}' is not read here. Send it uncompressed.").WriteAsync(context);
                return;
            }

            // A watcher of the health service stays as long as it wants.
            if (!context.Request.Path.Value!.EndsWith("/Watch", StringComparison.Ordinal))
            {
                LimitTime(context.Request.Headers, options.RequestTimeout);
            }

            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = null;
            }

            using var body = new GrpcBody(context.Request.BodyReader, budget);
            context.Features.Set<IRequestBodyPipeFeature>(body);
            await next(context);
        });
    }

    public static void MapGrpcInference(this WebApplication app)
    {
        if (app.Services.GetRequiredService<ServiceOptions>().GrpcPort is not null)
        {
            app.MapGrpcService<GrpcInference>();
            app.MapGrpcService<GrpcHealth>();
            app.MapGrpcReflectionService();
        }
    }

    /// <summary>Sets a call's own time limit to that of the service where it is longer or absent.</summary>
    private static void LimitTime(IHeaderDictionary headers, TimeSpan longest)
    {
        string text = headers[TimeoutHeader].ToString();
        double unit = text.Length is < 2 or > 9 ? 0 : text[^1] switch
        {
            'H' => 3600,
            'M' => 60,
            'S' => 1,
            'm' => 1e-3,
            'u' => 1e-6,
            'n' => 1e-9,
            _ => 0,
        };
        bool isShorter = unit > 0
            && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int units)
            && units * unit < longest.TotalSeconds;
        if (!isShorter)
        {
            double milliseconds = Math.Min(Math.Ceiling(longest.TotalMilliseconds), MaxTimeoutUnits);
            headers[TimeoutHeader] = string.Create(CultureInfo.InvariantCulture, $"{milliseconds:F0}m");
        }
    }

    /// <summary>The messages of a call, charged to the budget of all bodies until the call ends.</summary>
    private sealed class GrpcBody(PipeReader inner, BodyBudget budget) : PipeReader, IRequestBodyPipeFeature, IDisposable
    {
        private int _charged;

        public PipeReader Reader => this;

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                return Charge(await inner.ReadAsync(cancellationToken));
            }
            catch (IOException)
            {
                // The client has hung up, which is not a defect to log.
                throw new RpcException(Status.DefaultCancelled);
            }
        }

        public override bool TryRead(out ReadResult result)
        {
            bool read = inner.TryRead(out result);
            result = read ? Charge(result) : result;
            return read;
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public void Dispose() => budget.Give(_charged);

        private ReadResult Charge(ReadResult read)
        {
            int more = (int)Math.Min(read.Buffer.Length, int.MaxValue) - _charged;
            if (more > 0)
            {
                if (!budget.TryTake(more, _charged))
                {
                    throw ProblemType.Overloaded.Because("The service holds as many bytes of uploads as it may.").ToException();
                }

                _charged += more;
            }

            return read;
        }
    }
}
