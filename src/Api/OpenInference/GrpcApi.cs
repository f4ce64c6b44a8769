using MnistLstm.Api.Health;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.OpenInference;

/// <summary>The Open Inference Protocol over gRPC, with the standard services for health and reflection.</summary>
public static class GrpcApi
{
    public static void AddGrpcInference(this WebApplicationBuilder builder, ServiceOptions options)
    {
        if (options.GrpcPort is null)
        {
            return;
        }

        // The status says what is wrong with a call; only a defect is logged.
        builder.Logging.AddFilter("Grpc", LogLevel.Error);
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = options.MaxBatchUploadBytes;
            grpc.MaxSendMessageSize = null;

            // Its route for unknown calls would answer a POST to other addresses of two segments with 404.
            grpc.IgnoreUnknownServices = true;
        });
        builder.Services.AddGrpcReflection();
        builder.Services.AddSingleton<GrpcInference>();
        builder.Services.AddSingleton<GrpcHealth>();
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
}
