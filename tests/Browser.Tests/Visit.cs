using Microsoft.Playwright;

namespace MnistLstm.Browser.Tests;

/// <summary>The settings of a visit to the page.</summary>
public sealed record Visit
{
    public static readonly Visit Default = new();

    /// <summary>Chromium's console message for a failed request.</summary>
    public const string FailedRequest = "Failed to load resource";

    /// <summary>A phone: narrow, two pixels a point, by finger.</summary>
    public static readonly Visit Phone = new() { Width = 360, Height = 800, ByFinger = true, Scale = 2 };

    /// <summary>In CSS pixels, as <see cref="Height"/>.</summary>
    public int Width { get; init; } = 1280;

    public int Height { get; init; } = 900;

    /// <summary>Device pixels a CSS pixel.</summary>
    public int Scale { get; init; } = 1;

    public bool ByFinger { get; init; }

    public ColorScheme Scheme { get; init; } = ColorScheme.Light;

    public ReducedMotion Motion { get; init; } = ReducedMotion.NoPreference;

    /// <summary>Relative to the service's address.</summary>
    public string Path { get; init; } = "";

    /// <summary>Another service than the one that all tests share.</summary>
    public Uri? Service { get; init; }

    /// <summary>Runs in the browser before the page's own scripts.</summary>
    public string? InitScript { get; init; }

    /// <summary>Expected console messages; any other message is a failure.</summary>
    public string? ExpectedComplaint { get; init; }
}
