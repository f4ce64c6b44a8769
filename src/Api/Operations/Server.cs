using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace MnistLstm.Api.Operations;

/// <summary>Settings, the web server and what surrounds the routes.</summary>
public static class Server
{
    /// <summary>
    /// The page runs its own scripts and styles, shows pictures that it drew or was given, and talks to this service.
    /// </summary>
    private const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Of a connection. Linux begins with a quarter of it, and its default limit is a little less.</summary>
    private const int ReceiveBufferBytes = 256 * 1024;

    /// <summary>A body may arrive at any rate for so long.</summary>
    private static readonly TimeSpan UploadGrace = TimeSpan.FromSeconds(5);

    /// <exception cref="InvalidSettingException">An option is unknown or cannot be used.</exception>
    public static ServiceOptions AddOptions(this WebApplicationBuilder builder, string[] args)
    {
        var settings = new SettingReader(builder.Configuration);
        var options = ServiceOptions.Read(settings);
        ServiceOptions.CheckCommandLine(args, settings.Settings);
        builder.Services.AddSingleton(options);
        return options;
    }

    public static void AddServer(this WebApplicationBuilder builder, ServiceOptions options)
    {
        if (options.JsonLog)
        {
            builder.Logging.AddJsonConsole(json => json.UseUtcTimestamp = true);
        }

        // Requests are counted and timed, not logged one by one; without a log to fill, none of them gets a log scope.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.WebHost.UseKestrelHttpsConfiguration();

        // A request goes on where its bytes arrived, on a thread of the pool, instead of being handed to another one
        // first: a lone request is answered 15 % sooner. Bytes of others are taken care of by the pool's other threads.
        builder.WebHost.UseSockets(static sockets =>
        {
            sockets.UnsafePreferInlineScheduling = true;
            sockets.CreateBoundListenSocket = Listen;
        });
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, NetworkMemory.Factory>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
            kestrel.Limits.RequestHeadersTimeout = options.HeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = options.KeepAliveTimeout;
            kestrel.Limits.MaxRequestHeadersTotalSize = options.MaxHeaderBytes;
            kestrel.Limits.MinRequestBodyDataRate = options.MinUploadRate == 0 ? null : new MinDataRate(options.MinUploadRate, UploadGrace);
        });
        if (!ServerAddress.IsConfigured(builder.Configuration))
        {
            builder.WebHost.UseUrls(ServerAddress.Default);
        }
    }

    /// <summary>A socket whose connections have room for a whole photo, so that its sender need not wait for the service in the middle.</summary>
    private static Socket Listen(EndPoint address)
    {
        Socket socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        socket.ReceiveBufferSize = ReceiveBufferBytes;
        return socket;
    }

    /// <summary>Who is told to end while the port is opened has not failed to start, which the host would log as an error.</summary>
    /// <param name="logging">Of the service that is being built.</param>
    /// <param name="lifetime">Its lifetime, null as long as it is not built.</param>
    public static void LeaveOutCancelledStart(this ILoggingBuilder logging, Func<IHostApplicationLifetime?> lifetime) =>
        logging.AddFilter(
            "Microsoft.Extensions.Hosting.Internal.Host",
            _ => lifetime() is not { ApplicationStopping.IsCancellationRequested: true, ApplicationStarted.IsCancellationRequested: false });

    public static void UseProblems(this WebApplication app) => app.UseMiddleware<ProblemMiddleware>();

    public static void UseConcurrencyLimit(this WebApplication app) => app.UseMiddleware<ConcurrencyMiddleware>();

    /// <summary>The drawing page at <c>/</c>.</summary>
    public static void UsePage(this WebApplication app)
    {
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions
        {
            OnPrepareResponse = static file =>
            {
                IHeaderDictionary headers = file.Context.Response.Headers;
                headers.ContentSecurityPolicy = PagePolicy;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "no-referrer";
                headers.CacheControl = "no-cache";
            },
        });
    }
}
