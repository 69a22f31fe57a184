/** Light theme. Every pair of text and ground here passes WCAG AA; the default palette does not. */
import type { ThemeConfig } from 'antd'

export const theme: ThemeConfig = {
  token: {
    colorPrimary: '#0958d9',
    colorLink: '#0958d9',
    colorError: '#cf1322',
    colorSuccess: '#1a7f37',
    colorWarning: '#8a4b00',
    // The grounds that antd derives from these dark tones are muddy.
    colorSuccessBg: '#eaf6ed',
    colorSuccessBorder: '#a9d8b5',
    colorWarningBg: '#fff6e3',
    colorWarningBorder: '#f0d29a',
    colorErrorBg: '#fdefee',
    colorErrorBorder: '#f0b4ae',
    colorInfo: '#0958d9',
    colorInfoBg: '#eef4ff',
    colorInfoBorder: '#b9d0f7',
    colorText: '#1c2530',
    colorTextSecondary: '#4a5563',
    colorTextTertiary: '#5b6675',
    colorTextDescription: '#566170',
    colorTextPlaceholder: '#6b7684',
    colorTextDisabled: '#6b7684',
    colorBgLayout: '#f2f4f7',
    colorBorder: '#c9d0d9',
    colorBorderSecondary: '#e3e7ed',
    borderRadius: 4,
    fontSize: 14,
    controlHeight: 30,
    fontFamily:
      '"PingFang SC", "Microsoft YaHei", "HarmonyOS Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", system-ui, sans-serif',
    fontFamilyCode: 'ui-monospace, "Cascadia Mono", Consolas, "Noto Sans Mono CJK SC", monospace',
    motionDurationMid: '0.1s',
    motionDurationSlow: '0.15s',
    wireframe: false,
  },
  components: {
    Table: { cellPaddingBlockSM: 6, cellPaddingInlineSM: 8, headerBg: '#f6f8fa', headerColor: '#3b4653', rowHoverBg: '#f3f7ff', headerSplitColor: 'transparent' },
    Menu: { itemHeight: 36, itemMarginInline: 8, itemBorderRadius: 4, itemSelectedBg: '#e8f0fe', iconMarginInlineEnd: 10 },
    Tabs: { horizontalItemPadding: '10px 2px', horizontalMargin: '0', titleFontSize: 14 },
    Card: { headerHeightSM: 38, bodyPaddingSM: 14 },
    Form: { itemMarginBottom: 14, verticalLabelPadding: '0 0 4px' },
  },
}
