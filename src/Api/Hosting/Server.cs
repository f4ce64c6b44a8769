using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;
using MnistLstm.Api.Access;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Hosting;

/// <summary>Configures the settings, the web server and the logging.</summary>
public static class Server
{
    /// <summary>
    /// The receive buffer of a connection. Linux starts with a quarter of it, and its default limit is a little less.
    /// </summary>
    private const int ReceiveBufferBytes = 256 * 1024;

    private const string TextTimestamp = "yyyy-MM-dd HH:mm:ss ";
    private const string JsonTimestamp = "yyyy-MM-ddTHH:mm:ss.fffZ";

    /// <summary>Environment variables of ASP.NET Core and OpenTelemetry that have no prefix of their own.</summary>
    private static readonly string[] Sections = ["Kestrel:", "Logging:", "AllowedHosts", "OTEL_"];

    /// <summary>Bytes received ahead of the handler, for each connection. Kestrel's default is 1 MiB.</summary>
    private const int RequestBufferBytes = 64 * 1024;

    /// <summary>The minimum upload rate applies after this time.</summary>
    private static readonly TimeSpan UploadGrace = TimeSpan.FromSeconds(5);

    /// <exception cref="InvalidSettingException">A setting is unknown or cannot be used.</exception>
    public static ServiceOptions AddOptions(this WebApplicationBuilder builder, SettingReader settings)
    {
        IReadOnlyList<ServerAddress> addresses = ServerAddress.Read(settings, out bool hasEndpoints);
        var options = ServiceOptions.Read(settings);
        if (options.GrpcPort is { } port)
        {
            addresses = [.. addresses, addresses[0].WithPort(port)];
        }

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(addresses);
        builder.Services.AddSingleton(settings.FindUnknown());
        LimitEnvironment(builder.Configuration);
        if (options.GrpcPort is not null)
        {
            builder.SetGrpcProtocol(addresses, hasEndpoints);
        }

        if (!hasEndpoints)
        {
            builder.WebHost.UseUrls([.. addresses.Select(address => address.ToString())]);
            builder.WebHost.UseSetting(WebHostDefaults.HttpPortsKey, "");
            builder.WebHost.UseSetting(WebHostDefaults.HttpsPortsKey, "");
        }

        return options;
    }

    public static void AddServer(this WebApplicationBuilder builder, ServiceOptions options)
    {
        if (options.JsonLog)
        {
            builder.Logging.AddJsonConsole(
                json => (json.UseUtcTimestamp, json.TimestampFormat) = (true, JsonTimestamp));
        }
        else
        {
            builder.Logging.AddSimpleConsole(text => (text.SingleLine, text.TimestampFormat) = (true, TextTimestamp));
        }

        // Requests are counted and timed, not logged one by one; without a log to fill, none of them gets a log scope.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);

        // StartReport writes its own version of these messages.
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.Configure<HostFilteringOptions>(static hosts => hosts.IncludeFailureMessage = false);

        // A request continues on the thread that received its bytes instead of being dispatched to another one: a lone
        // request is answered 15 % sooner. Other threads of the pool serve the other connections.
        builder.WebHost.UseSockets(static sockets =>
        {
            sockets.UnsafePreferInlineScheduling = true;
            sockets.CreateBoundListenSocket = Listen;
        });
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, PinnedBlockMemoryPool.Factory>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
            kestrel.Limits.RequestHeadersTimeout = options.HeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = options.KeepAliveTimeout;

            // A call of gRPC that waits for changes keeps its connection busy, even if its client is gone.
            kestrel.Limits.Http2.KeepAlivePingDelay = options.KeepAliveTimeout;
            kestrel.Limits.MaxRequestHeadersTotalSize = options.MaxHeaderBytes;
            kestrel.Limits.MaxRequestBufferSize = Math.Max(RequestBufferBytes, options.MaxHeaderBytes);
            kestrel.Limits.MinRequestBodyDataRate = options.MinUploadRate == 0
                ? null
                : new MinDataRate(options.MinUploadRate, UploadGrace);
        });
    }

    /// <summary>
    /// Without TLS, Kestrel serves HTTP/1.1 and HTTP/2 on different ports only. An address cannot name the protocol, so
    /// the last address gets HTTP/2 when it is bound; a Kestrel section can name it.
    /// </summary>
    private static void SetGrpcProtocol(
        this WebApplicationBuilder builder, IReadOnlyList<ServerAddress> addresses, bool hasEndpoints)
    {
        if (hasEndpoints)
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Kestrel:Endpoints:grpc:Url"] = addresses[^1].ToString(),
                ["Kestrel:Endpoints:grpc:Protocols"] = nameof(HttpProtocols.Http2),
            });
            return;
        }

        int bound = 0;
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(listen =>
        {
            if (++bound == addresses.Count)
            {
                listen.Protocols = HttpProtocols.Http2;
            }
        }));
    }

    /// <summary>
    /// Suppresses the host's log of a failed start: the program prints a sentence instead, or a stack trace for a
    /// defect.
    /// </summary>
    /// <param name="logging">The logging of the service that is being built.</param>
    /// <param name="lifetime">The lifetime of the service; null until it is built.</param>
    public static void SuppressFailedStartLog(this ILoggingBuilder logging, Func<IHostApplicationLifetime?> lifetime) =>
        logging.AddFilter(
            "Microsoft.Extensions.Hosting.Internal.Host",
            level => level >= LogLevel.Information
                && lifetime() is { ApplicationStarted.IsCancellationRequested: true });

    /// <summary>Starts listening.</summary>
    /// <exception cref="InvalidSettingException">The service cannot listen on an address.</exception>
    public static async Task ListenAsync(this WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception e)
            when (ListenFailure.Describe(
                e, app.Services.GetRequiredService<IReadOnlyList<ServerAddress>>()) is { } sentence)
        {
            throw new InvalidSettingException(sentence);
        }
    }

    /// <summary>
    /// Ignores variables without a prefix, except the sections of ASP.NET Core: WORKERS or URLS may belong to another
    /// program.
    /// </summary>
    private static void LimitEnvironment(ConfigurationManager configuration)
    {
        IList<IConfigurationSource> sources = configuration.Sources;
        for (int i = 0; i < sources.Count; i++)
        {
            if (sources[i] is EnvironmentVariablesConfigurationSource { Prefix: null or "" })
            {
                sources[i] = new MemoryConfigurationSource
                {
                    InitialData = new ConfigurationBuilder().AddEnvironmentVariables().Build().AsEnumerable()
                        .Where(variable => Sections.Any(
                            section => variable.Key.StartsWith(section, StringComparison.OrdinalIgnoreCase))),
                };
            }
        }
    }

    /// <summary>
    /// A listening socket whose connections buffer a whole photo, so that the sender need not wait for the service.
    /// </summary>
    private static Socket Listen(EndPoint address)
    {
        try
        {
            Socket socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
            socket.ReceiveBufferSize = ReceiveBufferBytes;
            return socket;
        }
        catch (SocketException e)
        {
            ListenFailure.Note(e, address);
            throw;
        }
    }

    public static void UseProblems(this WebApplication app) => app.UseMiddleware<ProblemMiddleware>();

    public static void UseConcurrencyLimit(this WebApplication app) => app.UseMiddleware<ConcurrencyMiddleware>();
}
