using Microsoft.Playwright;
using SkiaSharp;
using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

public sealed class PhoneTests(Site site)
{
    /// <summary>Smallest side of what a finger is to hit, in CSS pixels.</summary>
    private const int FingerSize = 44;

    /// <summary>
    /// A touch that comes sooner after another is the second of a double tap to Chromium, and no click; twice what it
    /// allows. One that comes while the page still moves only stops it.
    /// </summary>
    private static readonly TimeSpan FingerOnItsWay = TimeSpan.FromMilliseconds(600);

    /// <summary>
    /// A person whose touch only stopped the moving page touches again; on a busy machine it moves for longer.
    /// </summary>
    private const int MostTouches = 5;

    [Fact]
    public Task A_digit_drawn_by_finger_is_read_and_watched() => site.VisitAsync(Visit.Phone, async page =>
    {
        await using Hand hand = await Hand.OverAsync(page);

        await hand.DrawByFingerAsync(4);

        await page.ShouldReadAsync(4);
        (await page.Page.EvaluateAsync<float>("() => scrollY")).ShouldBe(0, "Drawing must not scroll the page.");
        await page.Play.ScrollIntoViewIfNeededAsync();
        await Task.Delay(FingerOnItsWay);
        await page.StopTimeAsync();
        for (int touch = 0; touch < MostTouches && !await page.Pause.IsVisibleAsync(); touch++)
        {
            await page.Play.TapAsync();
            await Task.Delay(FingerOnItsWay);
        }

        await Expect(page.Pause).ToBeVisibleAsync();
        await page.LetPassAsync(DrawingPage.WholeAnimation);
        (await page.RowAsync()).ShouldBe(DrawingPage.Rows);
        await page.ShouldReadAsync(4);
        await page.LetTimeFlowAsync();
        await page.Undo.TapAsync();
        await page.Clear.TapAsync();
        await page.ShouldBeEmptyAsync();
    });

    [Fact]
    public Task A_photo_is_read_and_the_camera_is_offered_only_to_fingers() => site.VisitAsync(
        Visit.Phone, async page =>
    {
        await Expect(page.Page.GetByText("Camera")).ToBeVisibleAsync();
        await Expect(page.Camera).ToHaveAttributeAsync("capture", "environment");

        await page.Camera.SetInputFilesAsync(
            PictureTests.File("photo.jpg", "image/jpeg", PictureTests.Handwritten(2, SKEncodedImageFormat.Jpeg)));

        await page.ShouldReadAsync(2);
        await site.VisitAsync(Visit.Default, desk => Expect(desk.Page.GetByText("Camera")).ToBeHiddenAsync());
    });

    [Theory]
    [InlineData(320)]
    [InlineData(360)]
    [InlineData(768)]
    [InlineData(1920)]
    public Task Nothing_is_cut_off_and_buttons_are_large_enough(int width) =>
        site.VisitAsync(Visit.Phone with { Width = width }, async page =>
        {
            await page.Picture.SetInputFilesAsync(
                PictureTests.File("two.png", "image/png", PictureTests.Handwritten(2)));
            await page.ShouldReadAsync(2);
            await page.Page.GetByText("The model’s card").ClickAsync();

            int overflow = await page.Page.EvaluateAsync<int>(
                "() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
            overflow.ShouldBe(0);
            foreach (ILocator control in await page.Page.Locator(".tools > *, .switch label, input[type=range]")
                .AllAsync())
            {
                LocatorBoundingBoxResult box = (await control.BoundingBoxAsync())!;
                box.X.ShouldBeGreaterThanOrEqualTo(0);
                (box.X + box.Width).ShouldBeLessThanOrEqualTo(width);
                Math.Min(box.Width, box.Height)
                    .ShouldBeGreaterThanOrEqualTo(FingerSize - 8, await control.InnerTextAsync());
            }
        });
}
